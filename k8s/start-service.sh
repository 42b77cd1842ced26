#!/bin/sh
# Starts the service that SERVICE names: ingest, catalog, transform, query or warehouse.
set -eu
case "${SERVICE:-}" in
  ingest) main=io.levada.ingest.IngestApplication ;;
  catalog) main=io.levada.catalog.CatalogApplication ;;
  transform) main=io.levada.transform.TransformApplication ;;
  query) main=io.levada.query.QueryApplication ;;
  warehouse) main=io.levada.warehouse.WarehouseApplication ;;
  *) echo "SERVICE=${SERVICE:-} is none of ingest, catalog, transform, query, warehouse" >&2; exit 2 ;;
esac
# JAVA_OPTS holds several words on purpose.
# shellcheck disable=SC2086
exec java -XX:MaxRAMPercentage=60 --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  ${JAVA_OPTS:-} -cp '/opt/levada/lib/*' "$main" \
  --spring.config.name="$SERVICE" --server.address=0.0.0.0 --server.port=8080 "$@"
