"""What other projects define and the sandbox needs as files: snapshot CRDs, the .proto of CSI and of kubelet plugins.

They come out of Go's module cache, verified against go.sum, and are not part of this repository.
"""

import json
import shutil
from pathlib import Path

from holdfast_sandbox.tools import caching, golang
from holdfast_sandbox.tools.recipes import CSI_SPEC, RECIPES, SNAPSHOT_CLIENT, module_files, unpack

KUBELET = "k8s.io/kubelet"
REGISTRATION = "pkg/apis/pluginregistration/v1/api.proto"


def ensure() -> Path:
    """The directory with `crds/`, `csi.proto` and `registration.proto`; made when missing.

    Raises:
        BuildError: the modules cannot be fetched.
    """
    key = caching.key_of([*module_files("csi").values(), *module_files("kube").values()])
    return caching.entry("interfaces", key, _fill)


def _fill(target: Path) -> None:
    spec, client = _modules("csi", target, CSI_SPEC, SNAPSHOT_CLIENT)
    (kubelet,) = _modules("kube", target, KUBELET)
    shutil.copyfile(kubelet / REGISTRATION, target / "registration.proto")
    shutil.copyfile(spec / "csi.proto", target / "csi.proto")
    (target / "crds").mkdir()
    for source in (client / "config" / "crd").glob("*snapshot*.yaml"):
        shutil.copyfile(source, target / "crds" / source.name)


def _modules(name: str, directory: Path, *paths: str) -> list[Path]:
    """Where Go keeps modules that this one requires."""
    unpack(name, directory)
    go = golang.find(next(recipe.go_version for recipe in RECIPES if recipe.module == name))
    text = golang.run(go, ["mod", "download", "-json", *paths], directory)
    decoder, found = json.JSONDecoder(), {}
    while text.strip():
        module, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        found[module["Path"]] = Path(module["Dir"])
    return [found[path] for path in paths]
