/* http_audit: who looked at which person, and who changed what. What somebody sees or does by a session is on record, and so is
 * what a key may only as compliance or admin: a client that sends texts fills no table. The record is of the same transaction
 * as what was done, and an answer that shows a person leaves once it is on disk. Private to the door. */
#ifndef DOORS_HTTP_AUDIT_H
#define DOORS_HTTP_AUDIT_H

#include "http_parts.h"

struct route;

/* After the handler, whatever it answered; or began: then the record has no status. The same look again within ten minutes is the
 * same look: a page that is open looks again and again, and a listing is read in pages. */
void audit_note(struct ask *ask, const struct route *route);
/* Of a login or a logout. account: NULL where the name is nobody's: it may be a password that was typed in the wrong field. */
void audit_note_visit(struct ask *ask, const char *account, const char *action);

#endif
