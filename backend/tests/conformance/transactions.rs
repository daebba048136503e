//! All or nothing, readers beside a writer, two backends on one database.

use backend::store::{Store, StoreError};
use std::sync::Arc;

both! {
    async fn what_is_not_committed_was_never_there(world: World) {
        let session = world.session().await;
        let mut tx = world.tx().await;
        tx.insert_draft("d", &session, "nanning", shared::order::Business::New, "k", b"s").await.unwrap();
        drop(tx);
        let mut tx = world.tx().await;
        assert_eq!(tx.draft("d").await.unwrap(), None);
    }
}

both! {
    async fn a_reader_sees_one_moment_and_does_not_wait(world: World) {
        let order = world.order().await;
        let mut read = world.store.read().await.unwrap();
        let before = read.order(&order.id).await.unwrap().unwrap();
        let mut tx = world.tx().await;
        tx.set_key_serial(&order.id, "K").await.unwrap();
        assert_eq!(read.order(&order.id).await.unwrap().unwrap(), before);
        tx.commit().await.unwrap();
        assert_eq!(read.order(&order.id).await.unwrap().unwrap(), before);
        let mut later = world.store.read().await.unwrap();
        assert_eq!(later.order(&order.id).await.unwrap().unwrap().key_serial.as_deref(), Some("K"));
    }
}

both! {
    async fn a_reader_can_not_write(world: World) {
        let order = world.order().await;
        let mut read = world.store.read().await.unwrap();
        let refused = match read.link() {
            backend::store::Link::Sqlite(link) => {
                sqlx::query("DELETE FROM orders WHERE id = $1").bind(&order.id).execute(&mut **link).await.is_err()
            }
            backend::store::Link::Postgres(link) => {
                sqlx::query("DELETE FROM orders WHERE id = $1").bind(&order.id).execute(&mut **link).await.is_err()
            }
        };
        assert!(refused);
    }
}

both! {
    async fn a_second_backend_opens_the_same_database(world: World) {
        let order = world.order().await;
        let (one, two) = tokio::join!(world.another_backend(), world.another_backend());
        let mut read = one.read().await.unwrap();
        assert_eq!(read.order(&order.id).await.unwrap(), Some(order));
        assert_eq!(one.is_shared(), world.url.starts_with("postgres"));
        drop(read);
        one.close().await;
        two.close().await;
    }
}

both! {
    async fn a_database_of_another_version_is_refused(world: World) {
        let entropy = Arc::new(backend::entropy::SystemEntropy);
        world.raw("UPDATE schema_migrations SET sha256 = 'x'").await;
        let edited = Store::open(&world.url, world.clock.clone(), entropy.clone()).await;
        assert!(matches!(edited, Err(StoreError::Schema(_))));
    }
}

both! {
    async fn work_is_repeated_when_the_database_asks_for_it(world: World) {
        let mut times = 0;
        let done: Result<i32, StoreError> = world.store.transact(|tx| {
            times += 1;
            let now = times;
            Box::pin(async move {
                tx.lock(&mut ["a".to_owned()]).await?;
                if now < 3 {
                    return Err(StoreError::Repeat(sqlx::Error::PoolTimedOut));
                }
                Ok(now)
            })
        }).await;
        assert_eq!(done.unwrap(), 3);
    }
}

both! {
    /// Two transactions that lock each other's row: PostgreSQL ends one of them, and it is repeated.
    async fn a_deadlock_is_survived(world: World) {
        let order = (world.order().await, world.order().await);
        let crossing = [(&order.0, &order.1), (&order.1, &order.0)].map(|(first, second)| {
            let (store, first, second) = (world.store.clone(), first.id.clone(), second.id.clone());
            tokio::spawn(async move {
                store.transact::<_, StoreError, _>(|tx| {
                    let (first, second) = (first.clone(), second.clone());
                    Box::pin(async move {
                        tx.set_key_serial(&first, "K").await?;
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                        tx.set_key_serial(&second, "K").await
                    })
                }).await
            })
        });
        for one in crossing {
            one.await.unwrap().unwrap();
        }
    }
}
