#!/bin/sh
# How a system of an agency takes shared data with curl alone:
#
#     PORTAL=https://… CLIENT_ID=… CLIENT_SECRET=… sh agency_client.sh 211002/000001
#
# A token, a declared duty, the first rows, the whole as a file. Copy what you need: it belongs to the public.
set -eu
CODE=$1
USE='Sharing-Case: JZ-2026-0001'

TOKEN=$(curl --silent --show-error --fail --user "$CLIENT_ID:$CLIENT_SECRET" \
  --data grant_type=client_credentials --data scope="catalog:read sharing:read sharing:apply" \
  "$PORTAL/api/oauth/token/" | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')
BEARER="Authorization: Bearer $TOKEN"

# unconditional data is taken at once, under a declared duty (Art. 15-1); the key makes a repeat safe
curl --silent --show-error --fail --header "$BEARER" --header "Content-Type: application/json" \
  --header "Idempotency-Key: $(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" \
  --data "{\"entry\": \"$CODE\", \"duty\": \"城市运行监测\", \"purpose\": \"接口联调\", \"terms_accepted\": true}" \
  "$PORTAL/api/v1/sharing/takings/"
echo

curl --silent --show-error --fail --header "$BEARER" --header "$USE" \
  "$PORTAL/api/v1/sharing/entries/$CODE/rows/?page_size=5"
echo

# streamed; a right that ends while it runs breaks it off, and curl says so: the file is kept only when it is whole
curl --silent --show-error --fail --header "$BEARER" --header "$USE" --output rows.csv.part \
  "$PORTAL/api/v1/sharing/entries/$CODE/export.csv"
mv rows.csv.part rows.csv
wc -l rows.csv
