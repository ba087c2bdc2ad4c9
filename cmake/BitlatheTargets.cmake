# SPDX-License-Identifier: Apache-2.0
# bitlathe_flags carries every warning and define; bitlathe_room and bitlathe_add_test are the two ways to add a target.

add_library(bitlathe_flags INTERFACE)
target_compile_features(bitlathe_flags INTERFACE cxx_std_20)
target_compile_options(bitlathe_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
    # One source gives one result on every machine: no fused multiply-add where the code does not ask for it.
    -ffp-contract=off)
target_include_directories(bitlathe_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(BITLATHE_SANITIZE)
    target_compile_options(bitlathe_flags INTERFACE -fsanitize=${BITLATHE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(bitlathe_flags INTERFACE -fsanitize=${BITLATHE_SANITIZE})
    # Instrumented code makes GCC 12 warn of things that are not there; plain builds keep their warnings as errors.
    target_compile_options(bitlathe_flags INTERFACE -Wno-error)
endif()

# Tests of quick builds are not optimised: it is the engine that works, and they compile a fifth faster.
add_library(bitlathe_test_flags INTERFACE)
if(BITLATHE_UNITY AND NOT BITLATHE_SANITIZE)
    target_compile_options(bitlathe_test_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:-O0>)
endif()

# bitlathe_precompile(TARGET KIND): lets a target use the precompiled headers of its kind, where BITLATHE_PCH is on: core, cli, ui or
# test. Headers of other projects only, so that a change of ours never rebuilds everything.
set(BITLATHE_PCH_core <algorithm> <cmath> <filesystem> <functional> <map> <memory> <optional> <span> <string> <vector>
    <fmt/format.h> <nlohmann/json.hpp> <tl/expected.hpp>)
set(BITLATHE_PCH_cli ${BITLATHE_PCH_core} <CLI/App.hpp> <CLI/Config.hpp> <CLI/Formatter.hpp>)
set(BITLATHE_PCH_ui ${BITLATHE_PCH_core} <QtWidgets>)
set(BITLATHE_PCH_test ${BITLATHE_PCH_core} <QtCore>)
function(bitlathe_precompile target kind)
    if(NOT BITLATHE_PCH)
        return()
    endif()
    if(NOT TARGET bitlathe_pch_${kind})
        file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch/${kind}.cpp CONTENT "// Carries the precompiled headers.\n")
        add_library(bitlathe_pch_${kind} STATIC ${CMAKE_BINARY_DIR}/pch/${kind}.cpp)
        target_link_libraries(bitlathe_pch_${kind} PRIVATE bitlathe_flags
            fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json tl::expected Threads::Threads)
        if(kind STREQUAL "ui")
            target_link_libraries(bitlathe_pch_ui PRIVATE bitlathe_ui_flags_strict Qt6::Widgets)
        elseif(kind STREQUAL "cli")
            target_link_libraries(bitlathe_pch_cli PRIVATE CLI11::CLI11)
        elseif(kind STREQUAL "test")
            target_link_libraries(bitlathe_pch_test PRIVATE Qt6::Core bitlathe_test_flags)
        endif()
        set_target_properties(bitlathe_pch_${kind} PROPERTIES POSITION_INDEPENDENT_CODE ON AUTOMOC OFF)
        target_precompile_headers(bitlathe_pch_${kind} PRIVATE ${BITLATHE_PCH_${kind}})
    endif()
    target_compile_options(${target} PRIVATE -fPIC) # as the headers are compiled; programs would have -fPIE
    target_precompile_headers(${target} REUSE_FROM bitlathe_pch_${kind})
endfunction()

# bitlathe_join_sources(TARGET): compiles the sources of a target some at a time, where BITLATHE_UNITY is on, so that what they
# include is read and instantiated once for all of them. Names in unnamed namespaces differ within a room for its sake.
function(bitlathe_join_sources target)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${BITLATHE_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# bitlathe_room(NAME [JOIN] SOURCES file... PUBLIC lib... PRIVATE lib...): a folder of the house as a library of its name. It is static
# in what is packaged, so that a program is one file; shared (BITLATHE_SHARED_ROOMS) where two hundred test programs would each carry
# a copy of the house, which with sanitizers are 300 MB each.
function(bitlathe_room name)
    cmake_parse_arguments(ROOM "JOIN" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    if(ROOM_SOURCES)
        set(kind STATIC)
        if(BITLATHE_SHARED_ROOMS)
            set(kind SHARED)
        endif()
        add_library(bitlathe_${name} ${kind} ${ROOM_SOURCES})
        target_link_libraries(bitlathe_${name} PUBLIC bitlathe_flags ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
        set_target_properties(bitlathe_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
        if(name MATCHES "^core_")
            bitlathe_precompile(bitlathe_${name} core)
        endif()
        if(ROOM_JOIN)
            bitlathe_join_sources(bitlathe_${name})
        endif()
    else()
        add_library(bitlathe_${name} INTERFACE)
        target_link_libraries(bitlathe_${name} INTERFACE bitlathe_flags ${ROOM_PUBLIC})
    endif()
endfunction()

# bitlathe_embed(SOURCE RESOURCE HEADER NAMESPACE FUNCTION): puts into SOURCE the path of a source file with the text of
# resources/RESOURCE, which HEADER declares as std::string_view bitlathe::NAMESPACE::FUNCTION().
function(bitlathe_embed source resource header namespace function)
    set(EMBED_RESOURCE ${resource})
    set(EMBED_HEADER ${header})
    set(EMBED_NAMESPACE ${namespace})
    set(EMBED_FUNCTION ${function})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/resources/${resource})
    file(READ ${PROJECT_SOURCE_DIR}/resources/${resource} EMBED_TEXT)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp @ONLY)
    set(${source} ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp PARENT_SCOPE)
endfunction()

# bitlathe_add_test(PATH LIBS lib... [GUI] [SLOW] [TIMEOUT s] [SOURCES file...]): builds PATH/tst_NAME.cpp given as
# "room/name" into the test program tst_room_name and registers it.
function(bitlathe_add_test path)
    cmake_parse_arguments(TST "GUI;SLOW" "TIMEOUT" "LIBS;SOURCES" ${ARGN})
    get_filename_component(dir ${path} DIRECTORY)
    get_filename_component(unit ${path} NAME)
    string(REPLACE "/" "_" target "tst_${path}")
    set(source tst_${unit}.cpp)
    if(dir AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/${source})
        set(source ${dir}/${source})
    endif()
    add_executable(${target} ${source} ${TST_SOURCES})
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    # One moc run for the one class of a test; AUTOMOC would add two steps and an object to each of many small programs.
    qt_generate_moc(${source} ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir/tst_${unit}.moc)
    target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir/tst_${unit}.moc)
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir)
    target_link_libraries(${target} PRIVATE bitlathe_flags bitlathe_test_flags Qt6::Test ${TST_LIBS})
    # The precompiled headers are those of tests of the engine.
    if(NOT TST_GUI AND "${TST_LIBS}" MATCHES "bitlathe_core")
        bitlathe_precompile(${target} test)
    endif()
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    if(BITLATHE_SANITIZE MATCHES "address")
        if(NOT TARGET bitlathe_threads_end)
            add_library(bitlathe_threads_end OBJECT ${PROJECT_SOURCE_DIR}/tests/support/threadsend.cpp)
            target_link_libraries(bitlathe_threads_end PRIVATE bitlathe_flags)
        endif()
        target_link_libraries(${target} PRIVATE bitlathe_threads_end)
    endif()
    # GCC 12 at -O1 takes the short strings of its own library for overruns.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overread)
    target_compile_definitions(${target} PRIVATE
        BITLATHE_SHARED="${BITLATHE_SHARED}" BITLATHE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${path} COMMAND ${target})
    set(labels fast)
    if(TST_SLOW)
        set(labels slow)
    endif()
    if(TST_GUI)
        list(APPEND labels gui)
        if(BITLATHE_SANITIZE MATCHES "thread")
            target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/qthandover.cpp)
            target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
        endif()
    endif()
    if(NOT TST_TIMEOUT)
        set(TST_TIMEOUT 300)
    endif()
    if(BITLATHE_SANITIZE MATCHES "thread")
        math(EXPR TST_TIMEOUT "8 * ${TST_TIMEOUT}")
    endif()
    set_tests_properties(${path} PROPERTIES LABELS "${labels}" TIMEOUT ${TST_TIMEOUT}
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen" SKIP_REGULAR_EXPRESSION "^SKIP whole test")
endfunction()
