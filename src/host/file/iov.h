/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vectors of buffers, as readv() and sendmsg() take them.
 */
#ifndef HOST_IOV_H
#define HOST_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/* Arguments of the vectored calls: -EINVAL for more than UIO_MAXIOV entries or a sum that does not
 * fit ssize_t, -EFAULT for a null pointer where bytes should be. */
int iov_verify(const struct iovec *iov, size_t n);

/* Sum of the lengths; copies from and to a vector at an offset. */
size_t iov_length(const struct iovec *iov, size_t n);
void iov_gather(void *to, const struct iovec *iov, size_t n, size_t offset, size_t len);
void iov_scatter(const struct iovec *iov, size_t n, size_t offset, const void *from, size_t len);

#endif
