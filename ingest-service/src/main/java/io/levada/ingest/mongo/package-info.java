/// Capture of MongoDB: change streams, documents as rows, and loads of collections.
@NullMarked
package io.levada.ingest.mongo;

import org.jspecify.annotations.NullMarked;
