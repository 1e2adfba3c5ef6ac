#!/usr/bin/env bash
# run.sh HOW OCTET SCRATCH: builds and runs a three-line project that uses octet in the way HOW.
set -euo pipefail
export CMAKE_GENERATOR=Ninja  # Debian's cmake does not bring make
how=$1 octet=$2 scratch=$3 here=$2/tests/consume
rm -rf "$scratch" && mkdir -p "$scratch"
fail() { echo "consume: $*" >&2; exit 1; }

model=$scratch/tiny.onnx
[[ $how == kernels-only* ]] || protoc --encode=octet.wire.ModelProto --proto_path="$octet/include" octet/io/onnx.proto <"$here/tiny.txtpb" >"$model"

cmake_app() { cmake -S "$here/cmake" -B "$scratch/build" "$@" && cmake --build "$scratch/build" -j2 && "$scratch/build/app" "$model"; }

meson_app() {  # octet copied, as a user's subproject is: the sources, and the unpacked xsimd where there is one
  mkdir -p "$scratch/subprojects/octet"
  cp "$here"/meson/meson{.build,_options.txt} "$here"/{app,kernels_only}.cpp "$scratch"
  cp "$here/meson/octet.wrap" "$scratch/subprojects"
  cp -r "$octet"/{meson.build,meson_options.txt,include,compiled,dispatch,subprojects} "$scratch/subprojects/octet"
  mkdir -p "$scratch/subprojects/octet/tests" && cp -r "$octet/tests/support" "$scratch/subprojects/octet/tests"
  meson setup "$scratch/build" "$scratch" -Dmodel="$model" "$@"
  meson test -C "$scratch/build" --print-errorlogs
}

without_protobuf() {  # without_protobuf BUILD: no file of protobuf is among what the compiler read
  ! grep -rqE 'google/protobuf|onnx\.pb\.h' --include='*.d' "$1" || fail "the kernels read protobuf's headers"
  ! ninja -C "$1" -t deps | grep -E 'google/protobuf|onnx\.pb\.h' || fail "the kernels read protobuf's headers"
}

case $how in
  meson)
    meson_app
    ! meson test -C "$scratch/build" --list 2>/dev/null | grep -q '^octet' || fail "a subproject brings its tests along" ;;
  kernels-only-meson)
    meson_app -Doctet:kernels_only=true -Dkernels_only=true
    without_protobuf "$scratch/build" ;;
  cmake) cmake_app -DOCTET_SOURCE="$octet" ;;
  cmake-compiled) cmake_app -DOCTET_SOURCE="$octet" -DOCTET_COMPILED=ON ;;
  cmake-installed)
    cmake -S "$octet" -B "$scratch/octet" -DCMAKE_INSTALL_PREFIX="$scratch/prefix"
    cmake --build "$scratch/octet" -j2 && cmake --install "$scratch/octet" >/dev/null
    cmake_app -DCMAKE_PREFIX_PATH="$scratch/prefix;$octet/subprojects/xsimd" ;;
  pkg-config)
    meson setup "$scratch/octet" "$octet" --prefix="$scratch/prefix" --libdir=lib -Dtests=disabled -Dexamples=disabled
    meson install -C "$scratch/octet" --quiet
    [ ! -e "$scratch/prefix/include/octet/io/meson.build" ] || fail "build files are installed"
    export PKG_CONFIG_PATH="$scratch/prefix/lib/pkgconfig:$scratch/prefix/share/pkgconfig:$octet/subprojects/xsimd/pkgconfig"
    read -ra flags <<<"$(pkg-config --cflags --libs octet)"
    [[ " ${flags[*]} " == *" -ffp-contract=off "* ]] || fail "pkg-config does not ask for -ffp-contract=off"
    "${CXX:-g++}" -std=c++20 "$here/app.cpp" "${flags[@]}" -o "$scratch/app" && "$scratch/app" "$model" ;;
  kernels-only)
    cmake_app -DOCTET_SOURCE="$octet" -DOCTET_KERNELS_ONLY=ON
    without_protobuf "$scratch/build" ;;
  *) fail "no such way: $how" ;;
esac
