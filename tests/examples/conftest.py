"""tests/examples: the service of examples/debian-index, on a small index."""

import pytest
from demoservice import Service, publish, tables


@pytest.fixture(autouse=True)
def no_service_is_left():
    """Of a test that failed."""
    yield
    while Service.running:
        with Service.running.pop() as process:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def program(build_dir):
    path = build_dir / "examples/debian-index/service/ancient-demo-service"
    if not path.exists():
        pytest.skip("the demo's service was not built: libmicrohttpd is missing")
    return path


@pytest.fixture
def path(tmp_path):
    publish(tmp_path / "packages", tables())
    return tmp_path / "packages"


@pytest.fixture
def service(program, path):
    service = Service(program, path)
    yield service
    if service.process.poll() is None:
        assert service.stop() == 0, service.errors
