"""What other projects define and the sandbox needs as files: the snapshot CRDs and the CSI .proto.

They come out of Go's module cache, verified against go.sum, and are not part of this repository.
"""

import json
import shutil
from pathlib import Path

from holdfast_sandbox.tools import caching, golang
from holdfast_sandbox.tools.recipes import CSI_SPEC, RECIPES, SNAPSHOT_CLIENT, module_files, unpack


def ensure() -> Path:
    """The directory with `crds/` and `csi.proto`; made when missing.

    Raises:
        BuildError: the modules cannot be fetched.
    """
    return caching.entry("interfaces", caching.key_of(module_files("csi").values()), _fill)


def _fill(target: Path) -> None:
    unpack("csi", target)
    spec, client = _modules(target, CSI_SPEC, SNAPSHOT_CLIENT)
    shutil.copyfile(spec / "csi.proto", target / "csi.proto")
    (target / "crds").mkdir()
    for source in (client / "config" / "crd").glob("*snapshot*.yaml"):
        shutil.copyfile(source, target / "crds" / source.name)


def _modules(directory: Path, *paths: str) -> list[Path]:
    go = golang.find(next(recipe.go_version for recipe in RECIPES if recipe.module == "csi"))
    text = golang.run(go, ["mod", "download", "-json", *paths], directory)
    decoder, found = json.JSONDecoder(), {}
    while text.strip():
        module, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        found[module["Path"]] = Path(module["Dir"])
    return [found[path] for path in paths]
