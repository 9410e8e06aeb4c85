#include "bench_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *v6 = (const void *)address;
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int connect_to(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

int bench_connect(const char *host, const char *port, char fault[BENCH_FAULT_SIZE])
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses;
    int fd = -1, status = getaddrinfo(host, port, &hints, &addresses);
    if (status != 0) {
        snprintf(fault, BENCH_FAULT_SIZE, "%.100s:%.20s: %s", host, port, gai_strerror(status));
        return -1;
    }
    bool is_here = true;
    for (const struct addrinfo *at = addresses; at != NULL; at = at->ai_next)
        is_here = is_here && is_loopback(at->ai_addr);
    for (const struct addrinfo *at = addresses; is_here && fd < 0 && at != NULL; at = at->ai_next)
        fd = connect_to(at);
    if (!is_here)
        snprintf(fault, BENCH_FAULT_SIZE, "%.100s isn't this machine: only loopback is driven",
                 host);
    else if (fd < 0)
        snprintf(fault, BENCH_FAULT_SIZE, "%.100s:%.20s: %s", host, port, strerror(errno));
    freeaddrinfo(addresses);
    return fd;
}
