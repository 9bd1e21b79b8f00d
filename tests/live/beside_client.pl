# SPDX-License-Identifier: GPL-3.0-or-later
#
# The real side of beside.sh.
#     beside_client.pl bulk ADDRESS PORT BYTES      sends random bytes, wants the same back
#     beside_client.pl short ADDRESS COUNT FIRST    connections that end in six ways, eight at a time
# A short connection's local port, from FIRST on, says how it ends: see @ending.
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Errno qw(EAGAIN ECONNRESET EPIPE);
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);

use constant {ENDINGS => 6, WORKERS => 8, PATIENCE => 300, MESSAGE => 1460};
$SIG{PIPE} = 'IGNORE';

sub random_bytes {
	open my $file, '<:raw', '/dev/urandom' or die "urandom: $!";
	read($file, my $bytes, shift) or die "urandom: $!";
	return $bytes;
}

sub dial {
	my ($address, $port, $local) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port,
		($local ? (LocalPort => $local, ReuseAddr => 1) : ()), Timeout => PATIENCE)
		or die "connect to $address:$port: $@\n";
	binmode $socket;
	return $socket;
}

# Sends and receives at the same time, until the end; returns what came.
sub exchange {
	my ($socket, $bytes) = @_;
	my ($sent, $got, $n) = (0, '');
	$socket->blocking(0);
	while (1) {
		my ($in, $out) = ('', '');
		vec($in, fileno $socket, 1) = 1;
		vec($out, fileno $socket, 1) = 1 if $sent < length $bytes;
		select($in, $out, undef, PATIENCE) or die "nothing moves after $sent sent, "
			. length($got) . " come\n";
		if ($sent < length $bytes && vec($out, fileno $socket, 1)) {
			$n = syswrite $socket, $bytes, 65536, $sent;
			die "send: $!\n" unless defined $n || $! == EAGAIN;
			$sent += $n // 0;
			shutdown $socket, 1 if $sent == length $bytes;
		}
		next unless vec($in, fileno $socket, 1);
		$n = sysread $socket, $got, 262144, length $got;
		die "receive: $!\n" unless defined $n || $! == EAGAIN;
		return $got if defined $n && $n == 0;
	}
}

sub bulk {
	my ($address, $port, $count) = @_;
	my $bytes = random_bytes($count);
	my $got = exchange(dial($address, $port), $bytes);
	my ($there, $back) = (md5_hex($bytes), md5_hex($got));
	die "sent $count bytes $there, got " . length($got) . " bytes $back\n" if $there ne $back;
	print "md5 $there both ways\n";
}

sub read_some {
	my ($socket, $most) = @_;
	my $got = '';
	while (length $got < $most) {
		my $n = sysread $socket, $got, $most - length $got, length $got;
		die "receive: $!\n" unless defined $n;
		last unless $n;
	}
	return $got;
}

sub await_bytes {
	my $in = '';
	vec($in, fileno $_[0], 1) = 1;
	select($in, undef, undef, PATIENCE) or die "no answer\n";
}

# A reset may be lost, and then nobody tells; closing is what finds out.
sub await_reset {
	my $in = '';
	vec($in, fileno $_[0], 1) = 1;
	return undef unless select($in, undef, undef, 2);
	my $n = sysread $_[0], my $got, 1;
	defined $n || $! == ECONNRESET or die "receive: $!\n";
	return undef;
}

my @ending = (
	sub { read_some($_[0], MESSAGE + 1) },                                 # the server closes first
	sub { shutdown $_[0], 1; read_some($_[0], MESSAGE + 1) },              # half-closed at once
	sub { read_some($_[0], MESSAGE) },                                     # both close
	sub { await_bytes($_[0]); undef },                                     # closed with unread data
	\&await_reset,                                                         # so by the server
	sub { setsockopt $_[0], SOL_SOCKET, SO_LINGER, pack('ii', 1, 0); undef }, # aborted
);

sub short_one {
	my ($address, $number, $local) = @_;
	my $how = $local % ENDINGS;
	my $socket = dial($address, $how == 4 ? 20 : 19, $local);
	my $message = pack('N', $number) x (MESSAGE / 4);
	syswrite($socket, $message) == MESSAGE or die "send: $!\n";
	my $got = $ending[$how]->($socket);
	die "connection $number (ends as $how): other bytes came\n" if defined $got && $got ne $message;
	close $socket;
}

sub short {
	my ($address, $count, $first) = @_;
	my @workers;
	for my $worker (0 .. WORKERS - 1) {
		my $pid = fork // die "fork: $!";
		push @workers, $pid and next if $pid;
		for (my $i = $worker; $i < $count; $i += WORKERS) { short_one($address, $i, $first + $i) }
		exit 0;
	}
	my $bad = 0;
	for (@workers) { waitpid $_, 0; $bad ||= $? }
	die "a worker failed\n" if $bad;
	print "$count connections\n";
}

my %does = (bulk => \&bulk, short => \&short);
my $what = $does{shift // ''} or die "usage: see the first lines\n";
$what->(@ARGV);
