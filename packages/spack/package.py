# With every library as an external package of Debian 12, Spack 0.23 built and installed this (without the two lines on
# compilers as packages, which it did not know yet). UNTRIED: Spack 1, and +cuda.
try:  # Spack 1, whose build systems lie beside the packages; before, spack.package has them
    from spack_repo.builtin.build_systems.cmake import CMakePackage
    from spack_repo.builtin.build_systems.cuda import CudaPackage
except ImportError:
    pass

from spack.package import *


class Gigadream(CMakePackage, CudaPackage):
    """Deep Dream for pictures of any size, on one machine or on many: tiles, MPI, cuDNN or oneDNN, tiled BigTIFF."""

    homepage = "https://example.org/gigadream"  # the clone of a site: spack develop, or git below
    git = "https://example.org/gigadream.git"

    license("MIT")

    version("main", branch="main")

    variant("lcms", default=True, description="Convert colours between profiles")
    variant("exif", default=True, description="Turn photographs upright")

    depends_on("c", type="build")
    depends_on("cxx", type="build", when="+cuda")
    depends_on("cmake@3.22:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("mpi@3:")
    depends_on("onednn cpu_runtime=omp")
    depends_on("hdf5")
    depends_on("libtiff")
    depends_on("libjpeg-turbo")
    depends_on("libpng")
    depends_on("zlib-api")
    depends_on("cjson")
    depends_on("lcms", when="+lcms")
    depends_on("libexif", when="+exif")
    with when("+cuda"):
        depends_on("cudnn@9.8:")
        depends_on("nccl@2.18.1:")
        conflicts("cuda_arch=none", msg="say for which GPUs: cuda_arch=80,90")

    generator("ninja")

    def cmake_args(self):
        args = [
            self.define("GD_TESTS", False),
            self.define("GD_CUDA", "ON" if self.spec.satisfies("+cuda") else "OFF"),
        ]
        if self.spec.satisfies("+cuda"):
            args.append(self.define("GD_CUDA_ARCHITECTURES", self.spec.variants["cuda_arch"].value))
        return args

    @run_after("install")
    def render(self):
        """A picture out of noise on one rank shows that all libraries are found."""
        if self.run_tests:
            program = Executable(self.prefix.bin.gigadream)
            with working_dir("spack-test", create=True):
                program("-img", "random_noise", "--size", "96x80", "-img_out", "noise.png", "-or", "0", "1", "-os", "1", "-ml", "0", "1")
