#include <unistd.h>

#include <string>
#include <vector>

#include "tools/program.hpp"

int main(int argc, char** argv) {
  const horolog::command::Console console{.out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                          .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                          .in_is_terminal = isatty(STDIN_FILENO) == 1};
  return static_cast<int>(horolog::command::run_program({argv + 1, argv + argc}, console));
}
