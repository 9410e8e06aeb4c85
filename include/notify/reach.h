/* reach: whether an address may be posted to. Whoever names a receiver chooses where our house connects to: so nothing of a
 * private network, of this machine or of its neighbours is reached but what the config allows. It judges the address that
 * the socket is about to be opened to, not a name: what a name is resolved to a second time doesn't matter. Pure. */
#ifndef NOTIFY_REACH_H
#define NOTIFY_REACH_H

#include <stdbool.h>

struct config_list;
struct sockaddr;

#define REACH_TEXT_SIZE 48

/* allow: networks as in base/network.h. `text` gets the address. */
bool reach_may(const struct config_list *allow, const struct sockaddr *address, char text[REACH_TEXT_SIZE]);

#endif
