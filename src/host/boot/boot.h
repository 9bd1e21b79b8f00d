/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine comes up and goes down.
 */
#ifndef HOST_BOOT_H
#define HOST_BOOT_H

#include "host/core/kernel.h"

/* Boots a machine: processor, scheduler, files, BSD socket layer, INET, devices.  `conf` is copied. */
struct kernel *kernel_new(struct sim *sim, const struct kernel_conf *conf);
/* Tears it down after sim_run(). */
void kernel_free(struct kernel *k);

#endif
