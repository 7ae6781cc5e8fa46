#!/bin/bash -eu
# OSS-Fuzz's build: the targets, and for each what it begins with, its dictionary and its options.
#
# It is given, by OSS-Fuzz's image or by `./run extra oss-fuzz`, which sets them in the same way: CC,
# CFLAGS with the sanitizers, LIB_FUZZING_ENGINE, and the folders WORK and OUT.  Begins where the
# project is.

rm -rf "$WORK/ancient"
meson setup "$WORK/ancient" --buildtype=plain -Db_lundef=false -Dfuzz=true \
	-Dfuzz_engine="$LIB_FUZZING_ENGINE" \
	-Dtool=false -Docaml=disabled -Dpython=disabled -Ddemo=disabled
for source in tests/fuzz/target_*.c; do
	target=$(basename "$source" .c)
	target=${target#target_}
	ninja -C "$WORK/ancient" "tests/fuzz/fuzz-$target"
	cp "$WORK/ancient/tests/fuzz/fuzz-$target" "$OUT/"
	rm -rf "$WORK/seeds"
	mkdir "$WORK/seeds"
	python3 tests/fuzz/corpus.py seeds "$target" "$WORK/seeds"
	(cd "$WORK/seeds" && zip -q -r "$OUT/fuzz-${target}_seed_corpus.zip" .)
	[ ! -f "tests/fuzz/$target.dict" ] || cp "tests/fuzz/$target.dict" "$OUT/fuzz-$target.dict"
	printf '[libfuzzer]\nmax_len = 65536\ntimeout = 5\n' >"$OUT/fuzz-$target.options"
done
