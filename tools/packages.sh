# Debian packages, installed only when some are missing. Sourced by ./run and ./check.

run_packages=(gcc libc6-dev cmake ninja-build pkg-config libsdl2-dev libcairo2-dev libpango1.0-dev libopenblas-dev
    libfftw3-dev libstb-dev libprotobuf-c-dev protobuf-c-compiler libcjson-dev libpng-dev zlib1g-dev libcurl4-openssl-dev
    libssl-dev libzip-dev libcminpack-dev ca-certificates fonts-dejavu-core)
check_packages=(libcmocka-dev libasan8 libubsan1 libtsan2 clang libclang-rt-dev clang-format clang-tidy cppcheck xvfb xdotool
    imagemagick x11-utils openssl python3 python3-numpy python3-torch python3-torchvision python3-onnx python3-opencv python3-pil
    python3-scipy xclip graphviz dpkg-dev lintian desktop-file-utils man-db libopenmpi-dev openmpi-bin)

install_packages() {
    local missing=() package
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "This script installs packages on Debian and Ubuntu only. Elsewhere install the equivalents of:" >&2
        echo "  $*" >&2
        echo "and build with: cmake -S . -B build && cmake --build build" >&2
        return 1
    fi
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "Need root or sudo to install: ${missing[*]}" >&2; return 1; }
        sudo=(sudo)
    fi
    echo "Installing: ${missing[*]}"
    "${sudo[@]}" apt-get update -q &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

build() { # FOLDER CMAKE-ARGUMENTS...; builds $build_target, by default everything
    local folder=$1
    shift
    cmake -S . -B "$folder" -G Ninja "$@" >"$folder.configure.log" 2>&1 || { cat "$folder.configure.log" >&2; return 1; }
    rm -f "$folder.configure.log"
    cmake --build "$folder" ${build_target:+--target "$build_target"}
}
