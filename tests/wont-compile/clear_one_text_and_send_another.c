/* The text is the gate's own copy, and const as well. */
#include "consent/gate.h"

const char *swap(const struct cleared *cleared, const char *other);

const char *swap(const struct cleared *cleared, const char *other)
{
#ifdef CHEAT
    cleared_message(cleared)->text = other;
#endif
    (void)other;
    return cleared_message(cleared)->text;
}
