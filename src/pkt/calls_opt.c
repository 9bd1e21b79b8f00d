/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getsockopt() and setsockopt(). */
#include <errno.h>
#include <string.h>
#include <sys/time.h>

#include "host/socket/syscalls.h"
#include "pkt/calls.h"

union option_value {
	int number;
	struct linger linger;
	struct timeval time;
	char text[64];
};

static int64_t field_or_item(const struct expr *e, const char *name, unsigned i) {
	const struct expr *item = expr_field(e, name);

	if (!item && i < e->items->len)
		item = e->items->pdata[i];
	return item ? item->value : 0;
}

/* Puts an option's value together; its size, or -1 if it is of no kind known here. */
static int put_value(const struct expr *e, union option_value *v) {
	memset(v, 0, sizeof *v);
	if (!e)
		return -1;
	if (e->kind == EXPR_LIST && e->items->len == 1)
		e = e->items->pdata[0];
	if (e->kind == EXPR_INTEGER) {
		v->number = (int)e->value;
		return sizeof v->number;
	}
	if (e->kind == EXPR_STRING) {
		gsize n = MIN(e->text->len, sizeof v->text - 1);

		memcpy(v->text, e->text->str, n);
		return (int)n + 1;
	}
	if (e->kind != EXPR_STRUCT)
		return -1;
	if (expr_field(e, "tv_sec")) {
		v->time.tv_sec = field_or_item(e, "tv_sec", 0);
		v->time.tv_usec = field_or_item(e, "tv_usec", 1);
		return sizeof v->time;
	}
	if (e->items->len != 2)
		return -1;
	v->linger.l_onoff = (int)field_or_item(e, "l_onoff", 0);
	v->linger.l_linger = (int)field_or_item(e, "l_linger", 1);
	return sizeof v->linger;
}

int64_t call_setsockopt(struct worker *w, const struct call *call) {
	union option_value v;
	int size = put_value(call_arg(call, 3), &v), len = call_length(call_arg(call, 4), size);

	if (size < 0)
		return call_complain(w, -ENOSYS, "an option of that kind");
	return sys_setsockopt(w->task, call_fd(w, call), (int)call_int(call, 1),
	                      (int)call_int(call, 2), &v, MIN(len, (int)sizeof v));
}

int64_t call_getsockopt(struct worker *w, const struct call *call) {
	const struct expr *shown = call_arg(call, 3);
	union option_value want, have = {0};
	int size = put_value(shown, &want), len = call_length(call_arg(call, 4), (int)sizeof have);
	int64_t rc;

	if (size < 0 && (!shown || shown->kind != EXPR_ELLIPSIS))
		return call_complain(w, -ENOSYS, "an option of that kind");
	len = MIN(len, (int)sizeof have);
	rc = sys_getsockopt(w->task, call_fd(w, call), (int)call_int(call, 1),
	                    (int)call_int(call, 2), &have, &len);
	if (rc < 0 || size < 0)
		return rc;
	if (size == sizeof want.number && want.number != have.number)
		call_complain(w, rc, "Expected value %d but got %d", want.number, have.number);
	else if (memcmp(&want, &have, (size_t)MIN(size, len)) != 0)
		call_complain(w, rc, "the value is not as expected");
	return rc;
}
