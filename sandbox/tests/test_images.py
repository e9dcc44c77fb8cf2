"""Images that are written here: the same content is the same image, another content is another one."""

import json
import tarfile
from pathlib import Path

from holdfast_sandbox.images import archives, layers


def make(folder: Path, content: str) -> tuple[str, Path]:
    folder.mkdir()
    program = folder / "program"
    program.write_text(content)
    program.chmod(0o755)
    return layers.pack({"/opt/program": program}, folder / "layer.tar"), folder / "layer.tar"


def test_the_same_files_make_the_same_layer_and_others_another_one(tmp_path: Path) -> None:
    first, second, other = (
        make(tmp_path / name, text)[0] for name, text in (("a", "x"), ("b", "x"), ("c", "y"))
    )
    assert first == second != other


def test_an_archive_has_every_blob_that_it_names(tmp_path: Path) -> None:
    _, layer = make(tmp_path / "files", "x")
    image = archives.Image(name="localhost/tool:1", layers=[layer], command=["/opt/program"], user="1000")
    archives.write(image, tmp_path / "image.tar")

    with tarfile.open(tmp_path / "image.tar") as tar:

        def read(descriptor: dict[str, str]) -> bytes:
            opened = tar.extractfile(f"blobs/{descriptor['digest'].replace(':', '/')}")
            assert opened
            return opened.read()

        index = json.loads(tar.extractfile("index.json").read())  # type: ignore[union-attr]
        manifest = json.loads(read(index["manifests"][0]))
        config = json.loads(read(manifest["config"]))
        assert read(manifest["layers"][0]) == layer.read_bytes()
    assert index["manifests"][0]["annotations"]["io.containerd.image.name"] == "localhost/tool:1"
    assert config["config"]["User"] == "1000"
    assert config["rootfs"]["diff_ids"] == [each["digest"] for each in manifest["layers"]]
