# SPDX-License-Identifier: Apache-2.0
# The packages for Debian that cpack makes of the installed components. packaging/build-packages.sh calls it.

set(BITLATHE_PACKAGE_RELEASE 1)
set(BITLATHE_CONTACT "The Bitlathe authors <authors@bitlathe.example>" CACHE STRING "Who answers for the packages")
set(components bitlathe-cli)
if(BITLATHE_GUI)
    list(APPEND components bitlathe)
endif()
if(BITLATHE_CUDA)
    list(APPEND components bitlathe-cuda)
endif()

configure_file(${PROJECT_SOURCE_DIR}/packaging/data/changelog.in ${CMAKE_BINARY_DIR}/usage/changelog.Debian @ONLY)
bitlathe_compressed(${CMAKE_BINARY_DIR}/usage/changelog.Debian.gz ${CMAKE_BINARY_DIR}/usage/changelog.Debian)
bitlathe_compressed(${CMAKE_BINARY_DIR}/usage/changelog.gz ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
add_custom_target(bitlathe-changelogs ALL
    DEPENDS ${CMAKE_BINARY_DIR}/usage/changelog.Debian.gz ${CMAKE_BINARY_DIR}/usage/changelog.gz)
foreach(component IN LISTS components)
    bitlathe_install_documents(${component})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bitlathe)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_CONTACT "${BITLATHE_CONTACT}")
set(CPACK_PACKAGE_HOMEPAGE_URL "${BITLATHE_HOMEPAGE}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL ${components})
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${BITLATHE_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Names of packages as components have them.
set(CPACK_DEBIAN_BITLATHE_PACKAGE_NAME bitlathe)
set(CPACK_DEBIAN_BITLATHE-CLI_PACKAGE_NAME bitlathe-cli)
set(CPACK_DEBIAN_BITLATHE-CUDA_PACKAGE_NAME bitlathe-cuda)

set(same_version "bitlathe-cli (= ${PROJECT_VERSION}-${BITLATHE_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_BITLATHE_PACKAGE_DEPENDS "${same_version}")
set(CPACK_DEBIAN_BITLATHE_PACKAGE_RECOMMENDS "qt6-translations-l10n, qt6-wayland, fonts-dejavu-core | fonts-freefont-ttf")
set(CPACK_DEBIAN_BITLATHE_PACKAGE_SUGGESTS "bitlathe-cuda, fonts-noto-cjk")
set(CPACK_DEBIAN_BITLATHE-CUDA_PACKAGE_DEPENDS "${same_version}")
set(CPACK_DEBIAN_BITLATHE-CUDA_PACKAGE_SUGGESTS "libcuda1, libcublas-13-0")
set(CPACK_COMPONENT_BITLATHE_DESCRIPTION "workbench for quantizing large language models
Open a model folder, choose a method, tune bits and group size while you watch
what happens to the weights, compare the result with the original in memory,
perplexity and speed, and export a checkpoint that other programs load, with a
report that says how every number was got. It works offline and needs no GPU.")
set(CPACK_COMPONENT_BITLATHE-CLI_DESCRIPTION "quantize large language models on the command line
The engine of Bitlathe without its window: round to nearest, GPTQ, AWQ,
SmoothQuant and the types of bitsandbytes; perplexity, comparisons, conversion
between file formats, and a small model to try it on. It works offline.")
set(CPACK_COMPONENT_BITLATHE-CUDA_DESCRIPTION "GPUs of NVIDIA for Bitlathe
A plug-in with which Bitlathe computes on a GPU. It needs the driver, version
580 or newer, and cuBLASLt of CUDA 13, which NVIDIA distributes.")
include(CPack)
