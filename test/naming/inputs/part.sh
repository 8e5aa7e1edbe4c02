inner() { echo "inside $0"; }; inner >/dev/null; part=sourced
