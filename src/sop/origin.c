/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who delivered from which address.  With a NIC and a card in one subnet the routes do not say by
 * which of them a client asked a server on INADDR_ANY, and the answer shall go the same way.
 */
#include "sop/sock.h"

/* A server that has heard of more addresses than that begins anew: it costs a preference only. */
#define ORIGINS_MAX 4096U

void sop_came_from(struct sop_sock *ss, struct sop_leg *leg, uint32_t addr) {
	gpointer key = GUINT_TO_POINTER(addr);

	if (!ss->origins)
		ss->origins = g_hash_table_new(NULL, NULL);
	if (g_hash_table_lookup(ss->origins, key) == leg)
		return;
	if (g_hash_table_size(ss->origins) == ORIGINS_MAX)
		g_hash_table_remove_all(ss->origins);
	g_hash_table_insert(ss->origins, key, leg);
	if (ss->last.addr == addr && ss->last.leg != leg)
		ss->last.leg = NULL; /* the way that was found may not be the best any more */
}

struct sop_leg *sop_origin(const struct sop_sock *ss, uint32_t addr) {
	return ss->origins ? g_hash_table_lookup(ss->origins, GUINT_TO_POINTER(addr)) : NULL;
}

static gboolean is_leg(gpointer key, gpointer value, gpointer leg) {
	(void)key;
	return value == leg;
}

void sop_forget_origins(struct sop_sock *ss, const struct sop_leg *leg) {
	if (ss->origins)
		g_hash_table_foreach_remove(ss->origins, is_leg, (gpointer)leg);
}
