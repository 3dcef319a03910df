// The one translation unit that compiles Boost.JSON, which is otherwise used as declarations only.
#include <boost/json/src.hpp>
