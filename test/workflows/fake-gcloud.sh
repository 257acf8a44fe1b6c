#!/usr/bin/env bash
# Stands in for gcloud: notes what it was asked, and answers as a project with one live version would. FAKE_* say what is there.
echo "$*" >> "$FAKE_LOG"
case "$1 $2 $3" in
  'app versions list') [ "$FAKE_LIVE" = '' ] && { echo 'ERROR: Service [default] not found.' >&2; exit 1; }; printf '%b\n' "$FAKE_LIVE" ;;
  'app versions describe') [ "$4" = "$FAKE_MISSING" ] && { echo 'ERROR: not found' >&2; exit 1; }; echo "$FAKE_OWN_URL" ;;
  'app describe '*) echo "$FAKE_LIVE_HOST" ;;
  'app services set-traffic') exit "${FAKE_SET_TRAFFIC:-0}" ;;
  'app deploy app.yaml') exit "${FAKE_DEPLOY:-0}" ;;
  *) echo "the stand-in does not know: $*" >&2; exit 2 ;;
esac
