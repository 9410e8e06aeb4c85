/* What was cleared can be read, not changed. */
#include "consent/gate.h"

uint64_t redirect(const struct cleared *cleared);

uint64_t redirect(const struct cleared *cleared)
{
#ifdef CHEAT
    cleared_message(cleared)->number = 14155550199;
#endif
    return cleared_message(cleared)->number;
}
