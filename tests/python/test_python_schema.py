"""python: the texts of schemas that a file carries."""

import pytest
from ancientfile import AncientFile, Schema

import ancient

TEXT = "type t = { name : string (* café *) }\nval root : t list\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "typed"
    file = AncientFile().commit(
        {0: 0, 1: 42}, {0: "packages"}, {0: Schema(TEXT, "list({name:string})")}
    )
    path.write_bytes(file.image)
    return path


def test_a_key_and_its_name_have_the_text_that_was_published(path):
    db = ancient.open(path)
    assert db.schema(0) == db.schema("packages") == db.schema(b"packages") == TEXT


def test_a_value_without_types_has_none(path):
    assert ancient.open(path).schema(1) is None


def test_an_absent_key_has_no_schema_but_an_error(path):
    with pytest.raises(ancient.NoKeyError, match="no such key"):
        ancient.open(path).schema(2)
    with pytest.raises(ancient.NoKeyError):
        ancient.open(path).schema("editors")
    with pytest.raises(TypeError):
        ancient.open(path).schema(1.5)


def test_a_closed_store_says_so(path):
    db = ancient.open(path)
    db.close()
    with pytest.raises(ancient.ClosedError):
        db.schema(0)


def test_a_value_published_again_without_types_loses_them(path, tmp_path):
    file = AncientFile().commit({0: 1}, None, {0: Schema("val root : int", "int")})
    path.write_bytes(file.image)
    db = ancient.open(path)
    file.commit({0: 2})
    fresh = tmp_path / "fresh"
    fresh.write_bytes(file.image)
    fresh.rename(path)
    assert db.schema(0) == "val root : int"
    assert db.refresh()
    assert db.schema(0) is None


def test_a_damaged_text_is_an_error_with_its_rule(path):
    image = bytearray(path.read_bytes())
    at = image.index(TEXT.encode())
    image[at - 8 : at] = bytes(8)
    path.write_bytes(image)
    with pytest.raises(ancient.BadDirectoryError) as caught:
        ancient.open(path).schema(0)
    assert (caught.value.rule, caught.value.offset) == ("D6", at - 8)


def test_bytes_that_are_no_utf8_are_kept(path):
    image = path.read_bytes().replace("café".encode(), b"caf\xe9x")
    path.write_bytes(image)
    assert "caf\udce9x" in ancient.open(path).schema(0)


def test_verify_counts_each_text_once(path, tmp_path):
    assert ancient.open(path).verify().schemas == 1
    untyped = tmp_path / "untyped"
    untyped.write_bytes(AncientFile().commit({0: 1}).image)
    assert ancient.open(untyped).verify().schemas == 0
    schemas = {0: Schema("val root : int", "int"), 1: Schema("val root : int", "int")}
    schemas[2] = Schema("val root : bool", "bool")
    several = tmp_path / "several"
    several.write_bytes(AncientFile().commit({0: 1, 1: 2, 2: 1}, None, schemas).image)
    verified = ancient.open(several).verify()
    assert verified.schemas == verified[-1] == 2 and len(verified) == 7
