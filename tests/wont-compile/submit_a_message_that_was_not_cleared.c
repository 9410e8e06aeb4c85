/* The carrier takes a clearance and nothing else. */
#include "consent/gate.h"
#include "outbound/carrier.h"

unsigned submit(struct carrier *carrier, struct cleared *cleared, struct message *message);

unsigned submit(struct carrier *carrier, struct cleared *cleared, struct message *message)
{
#ifdef CHEAT
    return carrier_submit(carrier, &message, 1, 1);
#else
    (void)message;
    return carrier_submit(carrier, &cleared, 1, 1);
#endif
}
