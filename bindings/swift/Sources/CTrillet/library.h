#include <trillet.h>
