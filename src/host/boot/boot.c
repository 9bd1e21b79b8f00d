/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each part of the host has one function to come up and one to go down, which are called in this
 * order and in the reverse one.
 *
 * An init may use the parts before it; it sets its own field of struct kernel.  An exit frees it and
 * leaves nothing behind, whatever state a run was stopped in: tasks may still exist (blocked for
 * ever), they do not run any more.
 */
#include "host/boot/boot.h"

#include <glib.h>

#include "host/core/parts.h"
#include "host/dev/dev.h"
#include "host/dev/toedev.h"
#include "host/file/fd.h"
#include "host/file/fs.h"
#include "host/inet/inet.h"
#include "host/socket/socket.h"

static const struct {
	void (*init)(struct kernel *k);
	void (*exit)(struct kernel *k); /* NULL: nothing to do */
} parts[] = {
	{cpu_init, cpu_exit},   {sched_init, sched_exit},   {files_init, NULL},
	{fs_init, fs_exit},     {socket_init, socket_exit}, {toedev_init, toedev_exit},
	{inet_init, inet_exit}, {dev_init, dev_exit},       {modules_init, modules_exit},
};

struct kernel *kernel_new(struct sim *sim, const struct kernel_conf *conf) {
	struct kernel *k = kernel_alloc(sim, conf);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		parts[i].init(k);
	return k;
}

void kernel_free(struct kernel *k) {
	kernel_halt(k);
	for (size_t i = G_N_ELEMENTS(parts); i-- > 0;)
		if (parts[i].exit)
			parts[i].exit(k);
	kernel_release(k);
}
