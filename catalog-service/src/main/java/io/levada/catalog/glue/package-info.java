/// The catalog in AWS Glue's Data Catalog: Iceberg's GlueCatalog, made safe for unknown outcomes and Glue's limits.
@NullMarked
package io.levada.catalog.glue;

import org.jspecify.annotations.NullMarked;
