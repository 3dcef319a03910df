# find_package(horolog): horolog::client is the shared library, horolog::client_static the other.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/horolog-targets.cmake)
