/* notify_socket: tells the service manager that the gateway is ready, or about to end (sd_notify's
 * protocol: one datagram to the socket that NOTIFY_SOCKET names). Nothing depends on it. */
#ifndef BASE_NOTIFY_SOCKET_H
#define BASE_NOTIFY_SOCKET_H

#include <stdbool.h>

/* Sends a line such as "READY=1". Never blocks. False where NOTIFY_SOCKET is not set, or nobody
 * took it: the gateway goes on all the same. */
bool notify_socket_say(const char *line);

#endif
