/* manager: what the service manager is told of a gateway (sd_notify's protocol): that it starts, is ready, reloads, ends; that
 * its loop goes on; and one line of how it is. Where there is no manager, nothing. */
#ifndef DOORS_MANAGER_H
#define DOORS_MANAGER_H

struct gateway;
struct manager;

void manager_say_starting(const char *how_far); /* so that it has a minute more until it is ready */
struct manager *manager_open(struct gateway *gateway); /* and says that it is ready */
void manager_say_reloading(struct manager *manager);
void manager_say_reloaded(struct manager *manager); /* or that it wasn't: it serves again */
void manager_say_stopping(struct manager *manager);
void manager_close(struct manager *manager); /* before the gateway is */

#endif
