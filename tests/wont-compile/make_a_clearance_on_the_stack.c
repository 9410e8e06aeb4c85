/* Whoever could make a clearance could send without asking. */
#include "consent/gate.h"

const struct message *forge(void);

const struct message *forge(void)
{
#ifdef CHEAT
    struct cleared forged;
    return cleared_message(&forged);
#else
    return NULL;
#endif
}
