/* A clearance dies with its turn: it can't be put aside. */
#include "consent/gate.h"

void keep(struct cleared *later, const struct cleared *now);

void keep(struct cleared *later, const struct cleared *now)
{
#ifdef CHEAT
    *later = *now;
#endif
    (void)later;
    (void)now;
}
