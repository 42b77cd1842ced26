/// The Iceberg REST catalog protocol over the catalog database.
@NullMarked
package io.levada.catalog.rest;

import org.jspecify.annotations.NullMarked;
