/// A schema registry for Avro that speaks Confluent's REST API.
@NullMarked
package io.levada.catalog.registry;

import org.jspecify.annotations.NullMarked;
