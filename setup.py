"""Build the compiled extension; everything else about the project is in pyproject.toml.

Switches, read from the environment (they change what is compiled, never what is installed):

PISOVEREIGN_SANITIZE=address,undefined  instrument with the named sanitizers
PISOVEREIGN_COVERAGE=1                  let Cython modules report line coverage (slow)
PISOVEREIGN_BOUNDSCHECK=1               check every index in the kernels

No `-march=native` and no `-ffast-math`: one build serves every processor of an architecture and
gives the same numbers on each. Multiplying and adding are fused only where every processor can.
"""

import os
import platform
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

PACKAGE = "pisovereign_native"
MODULES = ("fusion", "lexical", "pooling", "sampling", "unigram", "vectors", "wordpiece")
# tools/native_arm.py, which compiles for another architecture, reads the next three.
COMPILE_ARGS = ["-O3", "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter"]
CONTRACTION = {"aarch64": "-ffp-contract=fast", "x86_64": "-ffp-contract=off"}
DIRECTIVES = {"wraparound": False, "cdivision": True, "initializedcheck": False}
HEADERS = sorted(str(path) for path in Path("native", PACKAGE).glob("*.h"))

sanitizers = os.environ.get("PISOVEREIGN_SANITIZE", "")
coverage = os.environ.get("PISOVEREIGN_COVERAGE") == "1"
boundscheck = os.environ.get("PISOVEREIGN_BOUNDSCHECK") == "1"

compile_args = [*COMPILE_ARGS, CONTRACTION.get(platform.machine(), "-ffp-contract=off")]
link_args: list[str] = []
macros: list[tuple[str, str | None]] = []
if sanitizers:
    # Ending the process: what a sanitizer only prints, pytest would hide.
    flags = [f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"]
    flags += ["-fno-omit-frame-pointer", "-g"]
    compile_args += flags
    link_args += flags
if coverage:
    macros += [("CYTHON_TRACE", "1"), ("CYTHON_TRACE_NOGIL", "1")]

extensions = [
    Extension(
        f"{PACKAGE}.{name}",
        [f"native/{PACKAGE}/{name}.pyx"],
        define_macros=macros,
        depends=HEADERS,
        extra_compile_args=compile_args,
        extra_link_args=link_args,
    )
    for name in MODULES
]

cores = len(os.sched_getaffinity(0))

setup(
    options={"build_ext": {"parallel": cores}},
    ext_modules=cythonize(
        extensions,
        compiler_directives={
            **DIRECTIVES,
            "language_level": 3,
            "boundscheck": boundscheck,
            "linetrace": coverage,
            # The signature is in the .pyi; in the docstring it would go stale.
            "embedsignature": False,
        },
        # A switch changes the generated C, so a build with one always starts from the .pyx.
        force=coverage or boundscheck,
    ),
)
