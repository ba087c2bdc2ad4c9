# SPDX-License-Identifier: Apache-2.0
# Every package that Bitlathe links, with the reason. Versions are those of Debian 12.

find_package(PkgConfig REQUIRED)

find_package(Threads REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
set_package_properties(Eigen3 PROPERTIES TYPE REQUIRED URL "https://eigen.tuxfamily.org"
    PURPOSE "Half and bfloat16 scalars")
find_package(TBB REQUIRED)
set_package_properties(TBB PROPERTIES TYPE REQUIRED URL "https://github.com/oneapi-src/oneTBB"
    PURPOSE "The one thread pool of all numeric loops")
find_package(fmt REQUIRED)
set_package_properties(fmt PROPERTIES TYPE REQUIRED URL "https://fmt.dev" PURPOSE "Text formatting")
find_package(spdlog REQUIRED)
set_package_properties(spdlog PROPERTIES TYPE REQUIRED URL "https://github.com/gabime/spdlog" PURPOSE "Logging")
find_package(nlohmann_json 3.11 REQUIRED)
set_package_properties(nlohmann_json PROPERTIES TYPE REQUIRED URL "https://json.nlohmann.me"
    PURPOSE "Model configurations, checkpoint headers and reports")
find_package(tl-expected REQUIRED)
set_package_properties(tl-expected PROPERTIES TYPE REQUIRED URL "https://github.com/TartanLlama/expected"
    PURPOSE "The Result type")
find_package(yaml-cpp REQUIRED)
set_package_properties(yaml-cpp PROPERTIES TYPE REQUIRED URL "https://github.com/jbeder/yaml-cpp" PURPOSE "Recipes")
find_package(CLI11 REQUIRED)
set_package_properties(CLI11 PROPERTIES TYPE REQUIRED URL "https://github.com/CLIUtils/CLI11"
    PURPOSE "Options of bitlathe-cli")
find_package(SQLite3 REQUIRED)
set_package_properties(SQLite3 PROPERTIES TYPE REQUIRED URL "https://sqlite.org" PURPOSE "Run history")
find_package(SQLiteCpp REQUIRED)
set_package_properties(SQLiteCpp PROPERTIES TYPE REQUIRED URL "https://github.com/SRombauts/SQLiteCpp"
    PURPOSE "Run history")
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto)
set_package_properties(OpenSSL PROPERTIES TYPE REQUIRED URL "https://openssl.org" PURPOSE "SHA-256 for provenance")
find_package(ZLIB REQUIRED)
set_package_properties(ZLIB PROPERTIES TYPE REQUIRED URL "https://zlib.net" PURPOSE "Text sets compressed with gzip")
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(SENTENCEPIECE REQUIRED IMPORTED_TARGET sentencepiece)
find_path(MUSTACHE_INCLUDE_DIR NAMES mustache.hpp PATH_SUFFIXES kainjow REQUIRED)

if(BITLATHE_GUI)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core DBus Gui Widgets Svg PrintSupport LinguistTools)
    set_package_properties(Qt6 PROPERTIES TYPE REQUIRED URL "https://www.qt.io" PURPOSE "The window")
    find_package(QCustomPlotQt6 REQUIRED)
    set_package_properties(QCustomPlotQt6 PROPERTIES TYPE REQUIRED URL "https://www.qcustomplot.com" PURPOSE "Plots")
endif()
if(BITLATHE_TESTS)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Core Test)
endif()
if(BITLATHE_BENCHMARKS)
    find_package(benchmark REQUIRED)
endif()
