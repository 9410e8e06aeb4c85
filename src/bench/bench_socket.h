/* bench_socket: connections to this machine. To any other address there is no way. */
#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include "bench.h"

/* A connected socket that doesn't block and doesn't wait to fill packets. -1: `fault` says why; a
 * name of which any address isn't loopback is refused. */
int bench_connect(const char *host, const char *port, char fault[BENCH_FAULT_SIZE]);

#endif
