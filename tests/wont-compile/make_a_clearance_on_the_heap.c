/* Nor does anybody but the gate know how large one is. */
#include <stdlib.h>

#include "consent/gate.h"

struct cleared *forge(void);

struct cleared *forge(void)
{
#ifdef CHEAT
    return malloc(sizeof(struct cleared));
#else
    return NULL;
#endif
}
