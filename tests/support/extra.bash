# shellcheck shell=bash disable=SC2154 # what is run's own
# tests/support: what `./run extra NAME ARGUMENT ...` does: a function extra_NAME each.  `run` reads
# this file, and has what they call.

PACKAGES_LOAD="wrk nginx-light"
PACKAGES_CHROMIUM="chromium"
PACKAGES_SPARK="default-jre-headless"
PACKAGES_DOCS="doxygen ocaml-odoc"
PACKAGES_ARM64="gcc-aarch64-linux-gnu qemu-user-static"
PACKAGES_VERSIONS="libgmp-dev make dpkg-dev"
PACKAGES_OPAM="opam rsync git"
PACKAGES_COVERAGE="gcovr"
PACKAGES_MODEL="strace spin gcc libc6-dev python3"
PACKAGES_RELEASE="git debootstrap"

extra_load() {
	# shellcheck disable=SC2086
	build_main $PACKAGES_DEMO $PACKAGES_LOAD
	"$PYTHON" tests/bench/load.py "$@"
}

extra_opam() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_TEST $PACKAGES_OPAM
	mkdir -p "$BUILD"
	tests/packaging/opam-trial "$BUILD/opam"
}

extra_release() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_RELEASE
	[ $# -gt 0 ] || set -- bookworm trixie
	packaging/release "$BUILD/release" "$PYTHON" "$@"
}

# One static site; what it is made with comes from PyPI, Doxygen and odoc from Debian.
extra_docs() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_DOCS
	mkdir -p "$BUILD"
	configure "$BUILD/main" -Dpython.install_env=prefix
	compile "$BUILD/main" ocaml/ancient.cma
	venv "$BUILD/docs-venv" docs/site/requirements.txt
	say "the site"
	"$BUILD/docs-venv/bin/python" docs/site/build.py "$BUILD/docs" "$BUILD/main/ocaml"
	say "see $BUILD/docs/html/index.html"
}

extra_tables() {
	build_bench
	venv "$BUILD/arrow-venv" tests/arrow/requirements.txt
	"$BUILD/arrow-venv/bin/python" tests/bench/tables.py "$@"
}

# The package's tests on a Python without the interpreter's lock, built once where test-ocaml5 runs.
extra_free-threaded() {
	beside_root trixie
	say "Debian 13: a Python without its lock, and the package's tests"
	beside tests/support/free-threaded-python /build/free-threaded "$@"
}

# The browser is large, and what drives it is needed for nothing else.
extra_chromium() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_CHROMIUM
	mkdir -p "$BUILD"
	configure "$BUILD/main" -Dpython.install_env=prefix
	compile "$BUILD/main" c-reader/tool/ancientctl
	venv "$BUILD/browser-venv" tests/browser/requirements.txt
	ANCIENT_BUILD=$BUILD/main "$BUILD/browser-venv/bin/python" -m pytest -q tests/browser "$@"
}

# shards NAME PYTEST ARGUMENT ...: tests/shards/test_NAME.py, with its requirements.
shards() {
	local name=$1
	shift
	venv "$BUILD/$name-venv" "tests/shards/requirements-$name.txt"
	"$BUILD/$name-venv/bin/python" -m pytest -q "tests/shards/test_$name.py" "$@"
}

extra_spark() {
	build_main "$PACKAGES_SPARK"
	shards spark "$@"
}

extra_s3() {
	build_main
	shards s3 "$@"
}

# In a root of Debian 13 that qemu plays (tests/support/arm64.py).
extra_arm64() {
	local folder=$BUILD/exchange-arm64
	# shellcheck disable=SC2086
	build_main $PACKAGES_TEST $PACKAGES_ARM64
	venv
	rm -rf "$folder"
	"$PYTHON" tests/interop/exchange.py write "$BUILD/main" "$folder/from-outside"
	beside_root trixie/arm64 -C "$folder" from-outside
	"$VENV/bin/python" tests/support/arm64.py "$BESIDE_ROOT" /src/from-outside "$BUILD/main"
}

extra_versions() {
	# shellcheck disable=SC2086
	build_main $PACKAGES_TEST $PACKAGES_DEMO $PACKAGES_VERSIONS
	command -v npm >/dev/null || need npm
	venv
	local cache
	cache=$(roots)
	mkdir -p "$cache"
	"$VENV/bin/python" tests/support/ocaml_versions.py "$BUILD/main" "$BUILD/versions" \
		"$(realpath "$cache")" "$@"
}

# OCaml's programs are linked with what gcov needs, which only OCAMLPARAM tells all of them.  Without
# the tests that link the libraries into programs of their own, or count instructions; what fails
# besides may be for the slower code, and is told.
extra_coverage() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_TEST $PACKAGES_DEMO $PACKAGES_COVERAGE
	mkdir -p "$BUILD"
	venv
	(
		export OCAMLPARAM='_,ccopt=--coverage'
		configure "$BUILD/coverage" -Dpython.install_env=prefix -Db_coverage=true --buildtype=debug
		compile "$BUILD/coverage"
	)
	find "$BUILD/coverage" -name '*.gcda' -delete
	run_meson "$BUILD/coverage" --timeout-multiplier 8 || true
	ANCIENT_BUILD=$BUILD/coverage run_pytest tests --ignore tests/library --ignore tests/arrow \
		--ignore tests/browser --ignore tests/shards --ignore tests/bench --ignore tests/docs \
		-k "not codegen and not install and not packaging" || true
	say "what was taken"
	gcovr --root . --object-directory "$BUILD/coverage" --filter core/src --filter c-reader/src \
		--exclude-unreachable-branches --sort-percentage --html-details "$BUILD/coverage.html" \
		--json-summary "$BUILD/coverage.json" "$BUILD/coverage" >/dev/null
	"$PYTHON" tests/support/coverage_table.py "$BUILD/coverage.json"
}

extra_mutation() {
	[ $# -gt 0 ] || die "usage: ./run extra mutation [--sample N] [--seed N] SOURCE ..."
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_TEST
	mkdir -p "$BUILD/mutation"
	venv
	"$VENV/bin/python" tests/mutation/mutate.py "$BUILD/mutation" "$@"
}

# What OSS-Fuzz's image sets is set here, for its address sanitizer.
extra_oss-fuzz() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_SANITIZE zip unzip
	venv
	local out=$BUILD/oss-fuzz/out name status=0
	rm -rf "$BUILD/oss-fuzz"
	mkdir -p "$BUILD/oss-fuzz/work" "$out"
	PATH=$VENV/bin:$PATH CC=clang CFLAGS="-O1 -gline-tables-only -fsanitize=address,fuzzer-no-link" \
		LIB_FUZZING_ENGINE=-fsanitize=fuzzer WORK=$BUILD/oss-fuzz/work OUT=$out \
		tests/fuzz/oss-fuzz/build.sh >"$BUILD/oss-fuzz/log" || die "see $BUILD/oss-fuzz/log"
	for name in "$out"/*.options; do
		name=$(basename "$name" .options)
		unzip -q -d "$out/$name-seeds" "$out/${name}_seed_corpus.zip"
		"$out/$name" -runs=1000 "$out/$name-seeds" 2>&1 | tail -n 1 | sed "s/^/$name: /" || status=1
	done
	return $status
}

# The models, and the calls of real writers beside the steps of the first.
extra_model() {
	# shellcheck disable=SC2086
	need $PACKAGES_BUILD $PACKAGES_MODEL
	mkdir -p "$BUILD"
	spec/model/check "$BUILD/model" "$@"
	[ $# -eq 0 ] || return 0
	configure "$BUILD/main" -Dpython.install_env=prefix
	compile "$BUILD/main" tests/core/core-kill
	say "the calls of writers that are killed"
	spec/model/trace "$BUILD/main/tests/core/core-kill" 150
}

# Its mounts are in a namespace that ends with it.
extra_matrix() {
	need debootstrap git
	tests/support/as-root unshare --mount "$PYTHON" tests/support/matrix.py "$(roots)" "$@"
}
