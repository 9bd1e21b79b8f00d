/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How is a vector of buffers judged, gathered and scattered? */
#include "host/file/iov.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#define IOV_LIMIT 1024U /* UIO_MAXIOV: also stops a negative count */

int iov_verify(const struct iovec *iov, size_t n) {
	size_t total = 0;

	if (n > IOV_LIMIT)
		return -EINVAL;
	if (n && !iov)
		return -EFAULT;
	for (size_t i = 0; i < n; i++) {
		if (iov[i].iov_len > SSIZE_MAX - total)
			return -EINVAL;
		if (iov[i].iov_len && !iov[i].iov_base)
			return -EFAULT;
		total += iov[i].iov_len;
	}
	return 0;
}

size_t iov_length(const struct iovec *iov, size_t n) {
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += iov[i].iov_len;
	return total;
}

void iov_gather(void *to, const struct iovec *iov, size_t n, size_t offset, size_t len) {
	uint8_t *out = to;

	for (size_t i = 0; i < n && len; i++) {
		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		size_t part = MIN(iov[i].iov_len - offset, len);
		memcpy(out, (const uint8_t *)iov[i].iov_base + offset, part);
		out += part;
		len -= part;
		offset = 0;
	}
}

void iov_scatter(const struct iovec *iov, size_t n, size_t offset, const void *from, size_t len) {
	const uint8_t *in = from;

	for (size_t i = 0; i < n && len; i++) {
		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		size_t part = MIN(iov[i].iov_len - offset, len);
		memcpy((uint8_t *)iov[i].iov_base + offset, in, part);
		in += part;
		len -= part;
		offset = 0;
	}
}
