/* wap_push: a WAP push message, which shows a link and a line of text: a Service Indication (WAP-167) in WBXML
 * (WAP-192) behind the header of a connectionless push (WAP-230). Pure. */
#ifndef SMPP_WAP_PUSH_H
#define SMPP_WAP_PUSH_H

#include "base/octets.h"

struct region;

#define WAP_URL_MOST   1000 /* more has no room in ten parts */
#define WAP_TITLE_MOST 1000
#define WAP_CODING     0xF5 /* 8-bit, class 1: for the phone, as gateways write it (F219, F220) */

/* The user data header of ports: to 2948, where phones expect pushes without a connection, from 9200 (F271). */
struct octets wap_push_header(void);

/* NULL, or what is wrong with one of them, for people: the address must begin with http:// or https:// and be printable
 * ASCII, the title is a line of UTF-8. */
const char *wap_push_fault(const char *url, const char *title);

/* What follows the header; both must have no fault. In the region. */
struct octets wap_push_body(const char *url, const char *title, struct region *region);

#endif
