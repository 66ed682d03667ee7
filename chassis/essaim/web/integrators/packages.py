"""The packages of the contracts, made of what is installed: an integrator installs them from here.

So they are the ones this hub speaks, and no registry has to have them.
"""

import gzip
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from functools import cache
from hashlib import sha256
from importlib.metadata import distribution
from io import BytesIO

from essaim_contracts import __version__
from essaim_contracts.examples import SCHEMAS
from essaim_contracts.typescript import NPM

WHEEL = f"essaim_contracts-{__version__}-py3-none-any.whl"
TARBALL = f"essaim-contracts-{__version__}.tgz"
_DATED = (1980, 1, 1, 0, 0, 0)
"""The same files make the same package: npm and pip note what its digest is."""


@cache
def wheel() -> bytes:
    """The Python package, as `pip` installs it."""
    package = SCHEMAS.parent
    files = {
        f"{package.name}/{path.relative_to(package)}": path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    info = f"{package.name}-{__version__}.dist-info"
    metadata = str(distribution("essaim-contracts").metadata)
    files[f"{info}/METADATA"] = metadata.encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: essaim\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(f"{name},{_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _DATED), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _digest(data: bytes) -> str:
    return "sha256=" + urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()


@cache
def tarball() -> bytes:
    """The npm package, as `npm` installs it."""
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path in sorted(NPM.iterdir()):
            entry = tarfile.TarInfo(f"package/{path.name}")
            entry.size, entry.mode = path.stat().st_size, 0o644
            archive.addfile(entry, BytesIO(path.read_bytes()))
    return gzip.compress(made.getvalue(), mtime=0)
