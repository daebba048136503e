//! Data keys.

both! {
    async fn a_data_key_is_kept_wrapped_anew_and_destroyed(world: World) {
        let mut tx = world.tx().await;
        let id = tx.new_id();
        tx.insert_data_key(&id, b"wrapped", 1).await.unwrap();
        assert_eq!(tx.data_key(&id).await.unwrap().unwrap().wrapped, b"wrapped");
        assert_eq!(tx.data_keys_not_under(2, 10).await.unwrap().len(), 1);

        assert!(tx.rewrap_data_key(&id, 1, b"again", 2).await.unwrap());
        assert!(!tx.rewrap_data_key(&id, 1, b"late", 3).await.unwrap(), "wrapped meanwhile");
        let key = tx.data_key(&id).await.unwrap().unwrap();
        assert_eq!((key.wrapped.as_slice(), key.root_version), (b"again".as_slice(), 2));
        assert!(tx.data_keys_not_under(2, 10).await.unwrap().is_empty());

        assert!(tx.destroy_data_key(&id).await.unwrap());
        assert!(!tx.destroy_data_key(&id).await.unwrap());
        assert_eq!(tx.data_key(&id).await.unwrap(), None);
    }
}
