/* Its fields are gate.c's. */
#include "consent/gate.h"

uint64_t look(const struct cleared *cleared);

uint64_t look(const struct cleared *cleared)
{
#ifdef CHEAT
    return cleared->message.number;
#else
    return cleared_message(cleared)->number;
#endif
}
