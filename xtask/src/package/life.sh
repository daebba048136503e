# The life of a package: install, start, ask, stop, remove, purge; on a copy of this system whose changes go to memory.
# Arguments: the package, an empty folder, a free port. Runs in a mount namespace of its own: everything mounted here
# is gone with it.
set -eu
package=$1 work=$2 port=$3
say() { echo "package: $*"; }
fail() { echo "package: $*" >&2; exit 1; }

mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/scratch" "$work/root"
cp "$package" "$work/certhall.deb"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/scratch" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# No systemd in here: the scripts must get along without it, as in a container.
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cp "$work/certhall.deb" "$root/tmp/certhall.deb"
in_root() { chroot "$root" "$@"; }

say "install"
in_root dpkg --install /tmp/certhall.deb
in_root getent passwd certhall >/dev/null || fail "there is no user certhall"
[ "$(in_root stat -c '%U %a' /var/lib/certhall)" = "certhall 700" ] || fail "the data folder is not the service's own"
[ "$(in_root stat -c '%U:%G %a' /etc/certhall/certhall.toml)" = "root:certhall 640" ] || fail "the configuration is open to others"
in_root certhall --version

say "the sample configuration, adapted in the environment"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/key.pem" 2>/dev/null ||
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/key.pem" 2>/dev/null
openssl pkey -in "$work/key.pem" -pubout -out "$work/public.pem"
# As the service's user, and as one process: a signal to it reaches the program.
run_certhall() {
    exec chroot "$root" setpriv --reuid certhall --regid certhall --init-groups env \
        CERTHALL_LISTEN="127.0.0.1:$port" CERTHALL_PUBLIC_URL="http://127.0.0.1:$port" \
        CERTHALL_GATEWAYS__ALIPAY__APP_PRIVATE_KEY="$(cat "$work/key.pem")" \
        CERTHALL_GATEWAYS__ALIPAY__ALIPAY_PUBLIC_KEY="$(cat "$work/public.pem")" \
        /usr/bin/certhall "$@" --config /etc/certhall/certhall.toml
}
(run_certhall check)
(run_certhall serve) 2>"$work/log" &
serving=$!
ask() { curl --silent --show-error --fail --max-time 10 "http://127.0.0.1:$port$1"; }
waited=0
until [ "$(ask /health 2>/dev/null)" = ok ]; do
    kill -0 "$serving" 2>/dev/null || { cat "$work/log" >&2; fail "the service ended"; }
    waited=$((waited + 1))
    [ "$waited" -lt 300 ] || { cat "$work/log" >&2; fail "the service does not answer"; }
    sleep 0.1
done
say "started after $waited tenths of a second"
ask /ready | grep -q '"ready":true' || { ask /ready || true; cat "$work/log" >&2; fail "the service is not ready"; }
for hall in "$root"/usr/share/certhall/channels/*/; do
    ask "/$(basename "$hall")/" | grep -q '<div id="app">' || fail "no page for $hall"
done
ask /api/openapi.json | grep -q '"openapi":"3' || fail "no description of the interface"
grep -q '"message":"serving"' "$work/log" || fail "the log is not JSON: $(head -1 "$work/log")"
kill "$serving"
wait "$serving" || fail "the service did not end well: $?"
say "stopped"

say "install again, as an upgrade does, then remove"
in_root dpkg --install /tmp/certhall.deb
in_root dpkg --remove certhall
[ ! -e "$root/usr/bin/certhall" ] || fail "the program stays behind"
[ -e "$root/var/lib/certhall/hall.db" ] || fail "removing took the data away"
[ -e "$root/etc/certhall/certhall.toml" ] || fail "removing took the configuration away"

say "purge"
in_root dpkg --purge certhall
rest=$(find "$work/upper" -xdev -name '*certhall*' ! -type c)
[ -z "$rest" ] || fail "purging leaves behind: $rest"
! in_root getent passwd certhall >/dev/null || fail "the user stays behind"
! in_root getent group certhall >/dev/null || fail "the group stays behind"
! in_root dpkg --status certhall >/dev/null 2>&1 || fail "dpkg still knows the package"
say "nothing is left"
